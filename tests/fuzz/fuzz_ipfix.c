/* fuzz_ipfix: datagrams of IPFIX. */
#include "datagrams.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t versions[] = { 10, 0 };
	(void)fuzz_datagrams(versions, data, size);
	return 0;
}
