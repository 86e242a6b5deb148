import { describe, expect, it } from 'vitest';
import {
  EMBEDDING_DIM,
  questionNamed,
  readPackages,
  readQuestions,
} from '../../src/cli/demo-data.ts';

describe('the demo data', () => {
  it('is 5,000 packages with embeddings of length 1', async () => {
    const packages = await readPackages();
    expect(packages).toHaveLength(5000);
    expect(new Set(packages.map(({ id }) => id)).size).toBe(5000);
    for (const { embedding } of packages) {
      expect(embedding).toHaveLength(EMBEDDING_DIM);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 2);
    }
  });

  it('has 50 questions, found by their text', async () => {
    const questions = await readQuestions();
    expect(questions).toHaveLength(50);
    expect(questionNamed(questions, 'learn to type faster').embedding).toHaveLength(EMBEDDING_DIM);
  });
});
