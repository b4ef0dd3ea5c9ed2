#include "core/grant/grant.h"
