#include "tests/support/curl.hpp"

#include <cctype>

#include "tests/support/process.hpp"

namespace tf::test {
namespace {

void take_header(std::string_view line, CurlAnswer& answer) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  answer.headers[name] = line.substr(colon + 2);
}

}  // namespace

CurlAnswer curl(const CurlCall& call, std::string_view body) {
  std::vector<std::string> command{"curl", "-sS", "-i", "--max-time", "30", "--cacert", call.root, "-X", call.method};
  if (!call.certificate.empty()) command.insert(command.end(), {"--cert", call.certificate, "--key", call.key});
  if (call.method != "GET")
    command.insert(command.end(), {"-H", "Content-Type: " + call.content_type, "-H", "Expect:", "--data-binary", "@-"});
  command.push_back(call.url);
  const Finished done = run(command, body);
  CurlAnswer answer;
  std::string_view rest = done.out;
  while (rest.starts_with("HTTP/")) {  // the last head counts
    answer.headers.clear();
    answer.status = std::stoi(std::string(rest.substr(rest.find(' ') + 1, 3)));
    const std::size_t end = rest.find("\r\n\r\n");
    if (end == std::string_view::npos) break;
    for (std::size_t at = rest.find("\r\n") + 2; at < end;) {
      const std::size_t next = rest.find("\r\n", at);
      take_header(rest.substr(at, next - at), answer);
      at = next + 2;
    }
    rest.remove_prefix(end + 4);
  }
  answer.body = rest;
  return answer;
}

}  // namespace tf::test
