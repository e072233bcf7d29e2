// The same for the fuzz targets.
#pragma once
#include "rooms.hpp"
