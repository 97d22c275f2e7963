# A cost model's settings, and a machine's numbers with their sources.
. "$ROOT/tests/cli/tiny.sh"
understudy describe cost_model roofline
understudy describe hardware raspberry_pi_4
for machine in $(understudy describe hardware | awk '{print $1}'); do
  understudy describe hardware "$machine" | grep -q '^sources:' || fail "$machine has no sources"
done
