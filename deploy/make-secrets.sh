#!/bin/sh
# Makes the secrets that compose.yaml reads, once: what is there is kept. Usage: deploy/make-secrets.sh [folder]
set -eu

folder=${1:-"$(dirname "$0")/secrets"}
mkdir -p "$folder"
# Only the owner may enter the folder. The files are open to all because each is mounted alone, and users in containers have other numbers.
chmod 700 "$folder"
cd "$folder"

random() { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'; }
make() {
  [ -e "$1" ] && return
  cat >"$1"
  chmod 444 "$1"
}
# Whether a pair is to be made. Two files made at different times would not agree.
paired() {
  if [ -e "$1" ] && [ -e "$2" ]; then
    return 1
  fi
  for file in "$@"; do
    if [ -e "$file" ]; then
      echo "$folder has $file, but not its other half of $1 and $2: bring back the other file, or remove $folder/$file to have both made anew" >&2
      exit 1
    fi
  done
}

random | make postgres_password
random | make grafana_password
random | make generator_password
random | make reader_password

if paired engine_password database_url; then
  password=$(random)
  printf %s "$password" | make engine_password
  printf 'postgres://engine:%s@postgres:5432/trading\n' "$password" | make database_url
fi

if paired redis_acl redis_url; then
  password=$(random)
  # The service's least rights (docs/redis.md); a user that can only ping, for the health check; nobody else.
  make redis_acl <<ACL
user default off
user health on nopass -@all +ping
user engine on >$password ~global:* &global:* +@connection +@transaction +@pubsub +get +set +del +smembers +sadd +eval +info
ACL
  printf 'redis://engine:%s@redis:6379/0\n' "$password" | make redis_url
fi

# token principal role; one a line.
for role in generator controller executor viewer admin; do
  printf '%s %s %s\n' "$(random)" "$role" "$role"
done | make auth_tokens
