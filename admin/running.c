#include "admin/running.h"

#include <string.h>

#include "admin/daemon.h"

int
running_config(const struct conf *c, const struct daemon *d, struct buf *out,
    struct err *err)
{
	struct ctl_result answer;
	int rc = daemon_call(c, d, "config", NULL, &answer, err);
	for (size_t i = 0; i < answer.n; i++) {
		buf_adds(out, answer.data[i].value);
		if (strcmp(answer.data[i].key, "line") == 0)
			buf_addc(out, '\n');
	}
	ctl_result_free(&answer);
	return rc;
}
