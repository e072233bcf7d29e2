// The other side of the front end for card networks, as the clients are: on a machine of its own.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "bench/all/child.hpp"
#include "platform/context.hpp"

namespace tf::bench {

// With the zone key's components in directory/component-1 and -2; journal and log beside them.
Result<std::unique_ptr<Child>> start_acquirer(const std::string& program, const std::string& directory, int port);
// Until pay_one() is approved: the platform's line to it stands. Code::unavailable "bench.acquirer" after ten seconds and more.
Status wait_for_acquirer(const std::string& directory, const std::function<bool()>& pay_one);

// The zone key that platform and acquirer share, by two components: in DIRECTORY/component-1 and -2 for the acquirer's simulator.
Status share_zone_key(platform::Context& context, const std::string& directory, const std::string& zone, Random& random);

}  // namespace tf::bench
