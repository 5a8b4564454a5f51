/* A Storable file as JSON, or as a Storable file again: storable_cat [-w] FILE */
#include <stdio.h>
#include <string.h>

#include "profile/storable.h"

int
main(int argc, char **argv)
{
	struct arena a = ARENA_EMPTY;
	struct buf out = BUF_EMPTY;
	struct err err;
	int as_is = argc > 2 && strcmp(argv[1], "-w") == 0;
	struct perl_value *v = storable_read(argv[argc - 1], &a, &err);
	if (v == NULL) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	if (as_is)
		storable_print(v, &out);
	else
		storable_json(v, &out);
	(void)fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
	arena_free(&a);
	return 0;
}
