// The same for the test programs.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rooms.hpp"
