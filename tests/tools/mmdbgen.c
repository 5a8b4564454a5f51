/*
 * mmdbgen FILE country|asn|both <networks: a database in MaxMind's format.
 *
 * A network a line, wider ones first: PREFIX COUNTRY AS, "-" and 0 for none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/filter/mmdb.h"

static struct mmdb db;

static void
bad(const char *line)
{
	(void)fprintf(stderr, "mmdbgen: PREFIX COUNTRY AS, not: %s", line);
	exit(1);
}

static void
read_networks(void)
{
	char line[256], copy[256];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct prefix p;
		char *save = NULL;
		(void)snprintf(copy, sizeof(copy), "%s", line);
		const char *net = strtok_r(copy, " \n", &save);
		const char *code = strtok_r(NULL, " \n", &save);
		const char *as = strtok_r(NULL, " \n", &save);
		if (net == NULL || code == NULL || as == NULL ||
		    !prefix_parse(net, &p) ||
		    !mmdb_add(&db, &p, strcmp(code, "-") == 0 ? "" : code,
			(uint32_t)strtoul(as, NULL, 10)))
			bad(line);
	}
}

int
main(int argc, char **argv)
{
	static const char *const with[] = { "country", "asn", "both" };
	unsigned kind = 0;
	for (unsigned i = 0; argc == 3 && i < 3; i++)
		if (strcmp(argv[2], with[i]) == 0)
			kind = i + 1;
	if (kind == 0) {
		(void)fprintf(stderr,
		    "usage: mmdbgen FILE country|asn|both <networks\n");
		return 2;
	}
	mmdb_init(&db, kind);
	read_networks();
	if (mmdb_write(&db, argv[1]))
		return 0;
	perror(argv[1]);
	return 1;
}
