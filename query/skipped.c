#include "query/skipped.h"

#include <inttypes.h>
#include <stdio.h>

void
skipped_say(const struct scan *s)
{
	if (s->unknown_records != 0 || s->unknown_elems != 0)
		(void)fprintf(stderr,
		    "nfsen-query: passed over %" PRIu64 " records and %" PRIu64
		    " elements of types that are not known here\n",
		    s->unknown_records, s->unknown_elems);
	if (s->damaged != 0)
		(void)fprintf(stderr,
		    "nfsen-query: left out %" PRIu64
		    " flow records whose elements do not fit\n",
		    s->damaged);
}
