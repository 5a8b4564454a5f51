/*
 * Any payload through the DNS reader, as over UDP and as over TCP: names are
 * bounded text, and reading ends.
 */
#include <stdlib.h>
#include <string.h>

#include "filter/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct dns_item *item)
{
	if (memchr(item->name, '\0', sizeof(item->name)) == NULL)
		abort();
	for (const char *p = item->name; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 127)
			abort();
}

static void
walk(const uint8_t *data, size_t size, bool tcp)
{
	struct dns d;
	struct dns_item item;
	unsigned n = 0;
	if (!dns_begin(&d, data, size, tcp))
		return;
	while (dns_next(&d, &item)) {
		check(&item);
		if (++n > DNS_RECORDS_MAX)
			abort();
	}
	if (n == 0)
		abort(); /* dns_begin has seen a question */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(data, size, false);
	walk(data, size, true);
	return 0;
}
