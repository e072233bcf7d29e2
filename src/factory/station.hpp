// The loader's bench: waits on the local connection and personalises one device after another.
#pragma once
#include <functional>
#include <string>

#include "factory/loader.hpp"

namespace tf::factory {

// Until stop() says so, which is asked every 100 ms. A device that fails is told why and logged; the next one is served.
// The number of devices personalised.
Result<std::int64_t> run_station(Loader& loader, const std::string& socket, FactorKind kind, const std::function<bool()>& stop);

}  // namespace tf::factory
