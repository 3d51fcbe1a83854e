# Starting and ending the independent server; sourced by tests/run. It listens on this machine only.

ministack_process=

# Starts it on a free port, waits until it answers, and says where it is in TENURE_MINISTACK.
start_ministack() {
  local programs=$1/bin state=$2 port address
  rm -rf "$state" && mkdir -p "$state"
  port=$("$programs/python" -c 'import socket; one = socket.socket(); one.bind(("127.0.0.1", 0)); print(one.getsockname()[1])')
  address=http://127.0.0.1:$port
  # A session of its own, so that it ends with everything that it has started; and at the latest with this shell.
  env -i PATH="$PATH" HOME="$state" TMPDIR="$state" BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" IOT_MTLS_ENABLED=0 \
    AWS_ENDPOINT_URL="$address" AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 \
    setsid setpriv --pdeathsig TERM "$programs/ministack" > "$state/log" 2>&1 < /dev/null &
  ministack_process=$!
  if ! timeout 60 "$programs/python" - "$address/_ministack/health" <<'EOF'
import sys, time, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
while True:
    try:
        direct.open(sys.argv[1], timeout=5).read()
        break
    except OSError:
        time.sleep(0.1)
EOF
  then
    echo "ministack does not answer; what it said:" >&2
    tail -n 30 "$state/log" >&2
    return 1
  fi
  export TENURE_MINISTACK=$address
}

# Ends it, by its number.
stop_ministack() {
  [ -n "$ministack_process" ] || return 0
  kill -TERM -- "-$ministack_process" 2> /dev/null || true
  for _ in $(seq 50); do
    kill -0 -- "-$ministack_process" 2> /dev/null || break
    sleep 0.1
  done
  kill -KILL -- "-$ministack_process" 2> /dev/null || true
  wait "$ministack_process" 2> /dev/null || true
  ministack_process=
}
