/* nfsen: start, stop, reload, upgrade, status, reconfig, lists. */
#include "admin/admin.h"

int
main(int argc, char **argv)
{
	struct admin a;
	int rc = admin_options(&a, argc, argv);
	if (rc == 0)
		rc = admin_run(&a);
	else
		rc = rc == -1 ? EXIT_FAILED : EXIT_OK;
	arena_free(&a.arena);
	return rc;
}
