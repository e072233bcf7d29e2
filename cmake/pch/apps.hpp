// The same for the command line.
#pragma once
#include <CLI/CLI.hpp>

#include "rooms.hpp"
