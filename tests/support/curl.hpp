// The real API through a client that is not ours.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tf::test {

struct CurlAnswer {
  int status = 0;                              // 0: no answer came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct CurlCall {
  std::string url;
  std::string method = "POST";
  std::string root;                       // --cacert
  std::string content_type = "application/json";
  std::string certificate{}, key{};       // of an operator
};

CurlAnswer curl(const CurlCall& call, std::string_view body = "");

}  // namespace tf::test
