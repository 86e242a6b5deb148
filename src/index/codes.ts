/**
 * Codes: vectors in few bytes, and what a query costs against them. Knows nothing of graphs or lists.
 *
 * A vector is prepared (of length 1 for COSINE, rotated for RaBitQ), a centroid c is taken off if there is
 * one, and what remains, r, is coded; decoded it is r' ~ r. One formula covers every kind:
 *
 *   cost = base + bias of the row - f x (q . r'),   f = 2 for L2 and 1 for inner products
 *
 * native/src/codes.h is the twin of this file and says the rest.
 */
