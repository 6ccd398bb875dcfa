#!/usr/bin/env bash
# Makes the secrets of docker-compose.yml in deploy/secrets, one file each, and keeps those that are there.
# Put the old servers' secrets into secret_key, jwt_secret and jwt_refresh_secret first, so that their tokens stay valid.
set -euo pipefail
umask 077
folder="$(cd "$(dirname "$0")" && pwd)/secrets"
mkdir -p "$folder"

# Containers read their secrets as different users; what keeps others out is the folder.
keep() {
  if [ ! -s "$folder/$1" ]; then
    printf '%s' "$2" > "$folder/$1"
    echo "made $1"
  fi
  chmod 0444 "$folder/$1"
}
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

for name in mongodb_root_password mongodb_password valkey_password secret_key jwt_secret_key jwt_secret \
  jwt_refresh_secret aws_secret_access_key grafana_password; do
  keep "$name" "$(random 32)"
done
keep mongodb_key "$(random 48)"
keep aws_access_key_id "$(random 10)"

# These are made of others, so they follow them.
rm -f "$folder/mongodb_uri" "$folder/redis_url" "$folder/valkey_conf" "$folder/s3_identities"
keep mongodb_uri "mongodb://lockstep:$(cat "$folder/mongodb_password")@mongodb:27017/?replicaSet=rs0&authSource=lockstep"
keep redis_url "redis://:$(cat "$folder/valkey_password")@valkey:6379/0"
keep valkey_conf "requirepass $(cat "$folder/valkey_password")
"
keep s3_identities "{\"identities\": [{\"name\": \"lockstep\", \"actions\": [\"Admin\"], \"credentials\": [{\"accessKey\": \
\"$(cat "$folder/aws_access_key_id")\", \"secretKey\": \"$(cat "$folder/aws_secret_access_key")\"}]}]}"
