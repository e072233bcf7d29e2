// packaging/gateway/nginx.conf, taken in at build time.
#pragma once

namespace tf::cli {

extern const char* const kGatewayConf;

}  // namespace tf::cli
