# Every reference network can be made; the first column goes with the table's.
. "$ROOT/tests/cli/tiny.sh"
understudy bench networks | tr -d '\r' >networks.csv
sed 's/,.*//' networks.csv | uniq
understudy bench networks --network lenet5 | tr -d '\r' | sed 1d >lenet5.csv
grep '^lenet5,' networks.csv | cmp - lenet5.csv
awk -F, '{ parameters += $(NF - 1); work += $NF } END { print parameters, work }' lenet5.csv
grep conv2 lenet5.csv
