# Completes tokctl in bash 4 and later. Written by: tokctl completion bash
_tokctl() {
  local -a lines
  local columns=${COLUMNS-}
  [[ $columns ]] || read -r _ columns 2>/dev/null < <(stty size 2>/dev/null </dev/tty)
  mapfile -t lines < <(command tokctl __complete bash "$COMP_TYPE" "${columns:-80}" \
    "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
  COMPREPLY=()
  case ${lines[0]-} in
    words) COMPREPLY=("${lines[@]:1}") ;;
    unfinished) COMPREPLY=("${lines[@]:1}"); compopt -o nospace ;;
    files) compopt -o default ;;
    programs) mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}") ;;
  esac
}
complete -o nosort -F _tokctl tokctl 2>/dev/null || complete -F _tokctl tokctl
