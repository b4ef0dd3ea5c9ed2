#include "core/base/pch.h"  // IWYU pragma: keep
