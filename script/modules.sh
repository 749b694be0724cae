# Sourced by the other scripts: where the modules are, and how a step is announced.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
# Modules besides the root one, each with its own go.mod.
nested=$(find . -mindepth 2 -name go.mod -not -path './.git/*' | sed 's|/go.mod$||' | sort)

step() { printf '\n== %s (%ss)\n' "$*" "$SECONDS"; }

# has_code reports whether a module has packages: tools may have none.
has_code() { (cd "$1" && [ -n "$(go list ./... 2>/dev/null)" ]); }
