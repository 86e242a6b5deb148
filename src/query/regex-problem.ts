/** Why a pattern is no regular expression; where a pattern is bound it becomes "invalid regex pattern: …". */
export class RegexProblem extends Error {
  override readonly name = 'RegexProblem';
}
