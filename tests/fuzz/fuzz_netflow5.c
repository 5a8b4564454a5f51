/* fuzz_netflow5: datagrams of one exporter. */
#include "datagrams.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)fuzz_datagrams(5, data, size);
	return 0;
}
