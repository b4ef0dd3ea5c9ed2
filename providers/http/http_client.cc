#include "providers/http/http_client.h"
