/* fuzz_ctl: the request parser, fed the way the server feeds it. */
#include <stdint.h>
#include <stdlib.h>

#include "ctl/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	size_t scan = 0;
	for (size_t len; (len = ctl_request_end(p, size, &scan)) != 0;) {
		struct ctl_request r;
		struct err err;
		if (len > size)
			abort();
		if (ctl_request_parse(&r, p, len, &err) == 0) {
			(void)ctl_arg(&r, "key");
			ctl_request_free(&r);
		}
		p += len;
		size -= len;
		scan = 0;
	}
	return 0;
}
