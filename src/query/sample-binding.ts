/**
 * `random_sample(p)`: of the rows that what stands before it lets through, the share p. Source: Milvus
 * `parser_visitor.go`, VisitRandomSample.
 */
import type { CallNode, Expression } from './ast.ts';
import type { Binding } from './binding.ts';
import type { Operand } from './operand.ts';
import { printExpression } from './print.ts';
import { excerpt, FilterProblem } from './problem.ts';

/** How near to 0 or 1 a share may be. */
const FACTOR_MARGIN = 1e-10;

/** @throws FilterProblem in Milvus's words */
export function bindSample({ name, args, options, at }: CallNode, binding: Binding): Operand {
  const [factor] = args as [Expression?];
  if (factor === undefined || args.length > 1 || options.length > 0) {
    throw new FilterProblem(
      `sample factor missed: ${name}(${args.map(printExpression).join(', ')})`,
      at,
    );
  }
  const operand = binding.bind(factor);
  const text = excerpt(printExpression(factor));
  if (operand.kind !== 'constant') {
    throw new FilterProblem(
      `"float factor" should be a const float expression: "float factor" passed: ${text}`,
      factor.at,
    );
  }
  const { value } = operand;
  const share = typeof value === 'number' ? value : 0;
  if (!(share > FACTOR_MARGIN && share < 1 - FACTOR_MARGIN)) {
    throw new FilterProblem(
      'the sample factor should be between 0 and 1 and not too close to 0 or 1' +
        `(the difference should be larger than 1e-10), but got ${text}`,
      factor.at,
    );
  }
  return { kind: 'restricted', predicate: null, by: { kind: 'sample', factor: share }, at };
}
