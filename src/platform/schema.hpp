// The tables of the platform and of rki; portable SQL, applied in order by store::Database::migrate.
#pragma once
#include <span>

#include "store/database.hpp"

namespace tf::platform {

std::span<const store::Migration> migrations();

}  // namespace tf::platform
