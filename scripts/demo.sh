#!/bin/sh
# The life of a token, over real HTTP: `npm run demo` runs this against a fresh sandbox.
# It ends with 0 only if every command does what it should.
set -eu
exec 2>&1
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi

say() { printf '\n# %s\n' "$1"; }

# run COMMAND [CODE]: prints the command as one types it, runs it, and insists on its exit code.
run() {
  printf '%s$ %s%s\n' "$bold" "$1" "$plain"
  code=0 && eval "$1" || code=$?
  [ "$code" -eq 0 ] || printf '(exit code %s)\n' "$code"
  [ "$code" -eq "${2:-0}" ] || { printf 'The demo failed: exit code %s, not %s.\n' "$code" "${2:-0}"; exit 1; }
}

# shorten SECRET: its beginning, enough to tell it from another.
shorten() { printf '%.8s…' "$1"; }

say 'Who are we, and which roles can a token have?'
run 'tokctl whoami'
run 'tokctl token roles'

say 'A token that reads what is labelled group=A. Its secret is all there is on stdout.'
run 'TOKEN=$(tokctl token create demo -r ai_training_read -l group=A)'
say "TOKEN is $(shorten "$TOKEN")"
run 'tokctl token list'
run 'tokctl token get demo'

say 'The token at work.'
run 'tokctl --app-token "$TOKEN" whoami'

say 'Renewed, it has a new secret. The old one is refused.'
OLD=$TOKEN
run 'TOKEN=$(tokctl token renew demo -y)'
say "TOKEN was $(shorten "$OLD") and is $(shorten "$TOKEN")"
run 'tokctl --app-token "$OLD" whoami' 4
run 'tokctl --app-token "$TOKEN" whoami -q'

say 'Deleted, it is refused for good.'
run 'tokctl token delete demo -y'
run 'tokctl --app-token "$TOKEN" whoami' 4
run 'tokctl token list -o json'
