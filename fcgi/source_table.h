/*
 * source_table: the sources of the config and what the collector knows
 * about them.
 */
#ifndef FCGI_SOURCE_TABLE_H
#define FCGI_SOURCE_TABLE_H

#include "fcgi/http.h"

void source_table(const struct conf *c, const struct request *rq,
    struct response *rs);

#endif
