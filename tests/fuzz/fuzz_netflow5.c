/* fuzz_netflow5: datagrams of NetFlow v1, v5 and v7. */
#include "datagrams.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t versions[] = { 5, 1, 7, 0 };
	(void)fuzz_datagrams(versions, data, size);
	return 0;
}
