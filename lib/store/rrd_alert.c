/* RRDs of alerts: NfSen's, one for flows, packets and bytes each. */
#include <rrd.h>
#include <stdio.h>

#include "store/retry.h"
#include "store/rrd.h"

const char *const rrd_alert_ds_names[RRD_ALERT_DS] = { "last", "avg10m",
	"avg30m", "avg1h", "avg6h", "avg12h", "avg24h" };

#define SPAN (INT64_C(8640) * 300) /* seconds that an archive holds */
#define ROW  INT64_C(1800)         /* of the coarser one */

int
rrd_alert_create(const char *path, int64_t first_slot, int64_t step,
    struct err *err)
{
	char args[RRD_ALERT_DS + 4][64];
	const char *argv[RRD_ALERT_DS + 4];
	const long long slots = (ROW + step - 1) / step;
	const long long rows[] = { SPAN / step, SPAN / (slots * step) };
	size_t n = 0;
	for (size_t i = 0; i < RRD_ALERT_DS; i++)
		(void)snprintf(args[n++], sizeof(args[0]),
		    "DS:%s:ABSOLUTE:%lld:U:U", rrd_alert_ds_names[i],
		    2 * (long long)step);
	for (size_t i = 0; i < 4; i++)
		(void)snprintf(args[n++], sizeof(args[0]),
		    "RRA:%s:0.5:%lld:%lld", i < 2 ? "AVERAGE" : "MAX",
		    i % 2 == 0 ? 1LL : slots, rows[i % 2]);
	for (size_t i = 0; i < n; i++)
		argv[i] = args[i];
	rrd_clear_error();
	if (rrd_create_r(path, (unsigned long)step, (time_t)(first_slot - step),
		(int)n, argv) == -1)
		return rrd_fail(err, path);
	return 0;
}
