// HTTP status codes and their names (RFC 9110 §15).
#pragma once
#include <string_view>

namespace tf::net {

std::string_view status_text(int status);  // "Not Found"; "Unknown" for what we never send

}  // namespace tf::net
