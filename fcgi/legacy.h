/*
 * legacy: addresses of NfSen's own pages lead to ours.
 *
 *   /nfsen.php?tab=0..5&profileswitch=group/name&type=..&proto=..
 *
 * A bookmark (14 values, base64) is taken apart as well.  What cannot be
 * understood leads to the overview, never to an error.
 */
#ifndef FCGI_LEGACY_H
#define FCGI_LEGACY_H

#include "fcgi/http.h"

void legacy_redirect(const struct conf *c, const struct request *rq,
    struct response *rs);

#endif
