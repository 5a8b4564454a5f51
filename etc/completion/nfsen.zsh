#compdef nfsen
# Completion of nfsen for zsh, with bash's functions: the program knows its
# own words.
autoload -U +X bashcompinit && bashcompinit
eval "$(nfsen completion 2>/dev/null)"
_bash_complete -F _nfsen "$@"
