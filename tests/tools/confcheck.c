/* What every daemon does with -c, -n and -nv, without a daemon. */
#include "conf/conf_cli.h"

int
main(int argc, char **argv)
{
	struct conf_cli cli;
	int rc = conf_cli_parse(argc, argv,
	    "usage: confcheck [-n] [-v] [-c file]\n", &cli);
	if (rc != 0)
		return rc == -1;
	struct conf *c = conf_cli_load(&cli, &rc);
	if (c == NULL)
		return rc;
	conf_free(c);
	return 0;
}
