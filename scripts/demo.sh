#!/bin/sh
# The life cycle of a token, over real HTTP: `npm run demo` runs this in a fresh sandbox.
# Ends with 0 only if every command ends with the expected exit code.
set -eu
exec 2>&1
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi

say() { printf '\n# %s\n' "$1"; }

# run COMMAND [CODE]: prints and runs the command, and checks its exit code.
run() {
  printf '%s$ %s%s\n' "$bold" "$1" "$plain"
  code=0 && eval "$1" || code=$?
  [ "$code" -eq 0 ] || printf '(exit code %s)\n' "$code"
  [ "$code" -eq "${2:-0}" ] || { printf 'The demo failed: exit code %s, not %s.\n' "$code" "${2:-0}"; exit 1; }
}

# shorten SECRET: prints its first characters.
shorten() { printf '%.8s…' "$1"; }

say 'Show the credential in use, and the roles that a token can have.'
run 'tokctl whoami'
run 'tokctl token roles'

say 'Create a token for resources with the label group=A. Only the secret is on stdout.'
run 'TOKEN=$(tokctl token create demo -r ai_training_read -l group=A)'
say "TOKEN is $(shorten "$TOKEN")"
run 'tokctl token list'
run 'tokctl token get demo'

say 'Use the token.'
run 'tokctl --app-token "$TOKEN" whoami'

say 'Renew the token. The old secret is refused.'
OLD=$TOKEN
run 'TOKEN=$(tokctl token renew demo -y)'
say "TOKEN was $(shorten "$OLD") and is $(shorten "$TOKEN")"
run 'tokctl --app-token "$OLD" whoami' 4
run 'tokctl --app-token "$TOKEN" whoami -q'

say 'Delete the token. The new secret is refused, too.'
run 'tokctl token delete demo -y'
run 'tokctl --app-token "$TOKEN" whoami' 4
run 'tokctl token list -o json'
