/* fuzz_ipfix: datagrams of one exporter. */
#include "datagrams.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)fuzz_datagrams(10, data, size);
	return 0;
}
