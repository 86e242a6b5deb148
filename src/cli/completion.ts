/** Completion scripts for shells, made from the commands and flags there are. */
import { CommandFailure, EXIT_CODES } from './failure.ts';

/** What the scripts need to know of a command. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly FlagWords[];
  /** It takes a path, so directories are completed. */
  readonly takesPath: boolean;
}

export interface FlagWords {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
}

const SHELLS = ['bash', 'zsh', 'fish'];

/** @throws CommandFailure (usage) for a shell that has no script */
export function completionScript(shell: string, commands: readonly CommandWords[]): string {
  switch (shell) {
    case 'bash':
      return bashScript(commands);
    case 'zsh':
      return zshScript(commands);
    case 'fish':
      return fishScript(commands);
    default:
      throw new CommandFailure(
        EXIT_CODES.usage,
        `no completion for the shell ${shell}: there are scripts for ${SHELLS.join(', ')}`,
      );
  }
}

function bashScript(commands: readonly CommandWords[]): string {
  const cases = commands.map((command) => {
    const words = wordsAfter(command);
    const files = command.takesPath ? ' $(compgen -d -- "$word")' : '';
    return `    ${command.name}) COMPREPLY=($(compgen -W "${words}" -- "$word")${files}) ;;`;
  });
  return [
    '# mlite completion bash > /etc/bash_completion.d/mlite',
    '_mlite() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}"',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    *) COMPREPLY=($(compgen -W "${commands.map((command) => command.name).join(' ')}" -- "$word")) ;;`,
    '  esac',
    '}',
    'complete -F _mlite mlite',
    '',
  ].join('\n');
}

function zshScript(commands: readonly CommandWords[]): string {
  const names = commands.map((command) => `    '${command.name}:${command.description}'`);
  const cases = commands.map((command) => {
    const flags = command.flags.map((flag) => `'${flag.name}[${flag.description}]'`);
    const words = command.name === 'completion' ? [`'1:shell:(${SHELLS.join(' ')})'`] : [];
    const files = command.takesPath ? ["'*:path:_files -/'"] : [];
    return `    ${command.name}) _arguments ${[...flags, ...words, ...files].join(' ')} ;;`;
  });
  return [
    '#compdef mlite',
    '# mlite completion zsh > "${fpath[1]}/_mlite"',
    '_mlite() {',
    '  local -a commands=(',
    ...names,
    '  )',
    '  if (( CURRENT == 2 )); then',
    "    _describe 'command' commands",
    '    return',
    '  fi',
    '  local command="${words[2]}"',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case "$command" in',
    ...cases,
    '  esac',
    '}',
    '_mlite "$@"',
    '',
  ].join('\n');
}

function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) => {
    const inside = `-n '__fish_seen_subcommand_from ${command.name}'`;
    return [
      `complete -c mlite -n __fish_use_subcommand -f -a ${command.name} -d '${command.description}'`,
      ...command.flags.map(
        (flag) => `complete -c mlite ${inside} -l ${flag.name.slice(2)} -d '${flag.description}'`,
      ),
      ...(command.name === 'completion'
        ? [`complete -c mlite ${inside} -f -a '${SHELLS.join(' ')}'`]
        : []),
    ];
  });
  return ['# mlite completion fish > ~/.config/fish/completions/mlite.fish', ...lines, ''].join(
    '\n',
  );
}

function wordsAfter(command: CommandWords): string {
  const words = command.name === 'completion' ? SHELLS : [];
  return [...words, ...command.flags.map((flag) => flag.name)].join(' ');
}
