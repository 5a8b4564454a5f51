/* Any bytes as alert.dat: what parses must print to a fixed point. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_EMPTY;
	struct buf twice = BUF_EMPTY;
	struct err err;
	struct alert *a = alert_parse("fuzz", (const char *)data, size, &err);
	if (a == NULL)
		return 0;
	alert_print(a, &once);
	alert_free(a);
	a = alert_parse("fuzz", buf_str(&once), once.len, &err);
	if (a == NULL)
		abort();
	alert_print(a, &twice);
	alert_free(a);
	if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
		abort();
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
