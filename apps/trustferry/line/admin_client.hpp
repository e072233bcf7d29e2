// Calls of /admin/v1 with an operator's client certificate, for the commands that talk to a running platform.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/json.hpp"

namespace tf::cli {

// Where the platform is and who calls. Found in the platform's data directory when it is on this machine.
struct AdminAccess {
  std::string directory = "run/platform";
  std::string url;           // default: the admin listener of the directory's platform.toml
  std::string as;            // operator whose files are in directory/operators
  std::string certificate;   // or: PEM files
  std::string key;
  std::string root;          // default: directory/root.crt
};

class AdminClient {
 public:
  static Result<AdminClient> open(const AdminAccess& access);
  // The body of a 2xx answer; what the platform refuses becomes the Error that it stands for.
  Result<std::string> get(const std::string& target);
  Result<std::string> post(const std::string& target, const std::string& content_type, const std::string& body);

  AdminClient(AdminClient&&) noexcept;
  ~AdminClient();

 private:
  struct State;
  explicit AdminClient(std::unique_ptr<State> state);
  Result<std::string> call(const std::string& method, const std::string& target, const std::string& content_type, const std::string& body);
  std::unique_ptr<State> state_;
};

}  // namespace tf::cli
