#include "apps/trustferry/line/admin_client.hpp"

#include "base/file.hpp"
#include "net/client/client.hpp"
#include "platform/config.hpp"

namespace tf::cli {

struct AdminClient::State {
  net::HttpClient client;
};

AdminClient::AdminClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
AdminClient::AdminClient(AdminClient&&) noexcept = default;
AdminClient::~AdminClient() = default;

namespace {

constexpr std::size_t kMaxPem = 64 * 1024;

std::string or_default(const std::string& given, const std::string& fallback) { return given.empty() ? fallback : given; }

Result<std::vector<net::Certificate>> read_certificates(const std::string& path) {
  const Bytes pem = TF_TRY(read_file(path, kMaxPem));
  return net::certificates_from_pem(as_text(pem));
}

}  // namespace

Result<AdminClient> AdminClient::open(const AdminAccess& access) {
  const std::string operators = access.directory + "/operators/" + access.as;
  std::string url = access.url;
  if (url.empty()) url = "https://" + TF_TRY(platform::read_config(access.directory + "/platform.toml")).admin.text();
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(url));
  options.anchors = TF_TRY(read_certificates(or_default(access.root, access.directory + "/root.crt")));
  options.chain = TF_TRY(read_certificates(or_default(access.certificate, operators + ".crt")));
  Bytes key = TF_TRY(read_file(or_default(access.key, operators + ".key"), kMaxPem));
  auto parsed = net::private_key_from_pem(key);
  wipe(key.data(), key.size());
  options.key = TF_TRY(std::move(parsed));
  options.max_response_bytes = 16 * 1024 * 1024;
  return AdminClient(std::make_unique<State>(State{TF_TRY(net::HttpClient::create(std::move(options)))}));
}

Result<std::string> AdminClient::call(const std::string& method, const std::string& target, const std::string& content_type,
                                      const std::string& body) {
  auto response = TF_TRY(state_->client.request({.method = method, .target = target, .content_type = content_type, .body = body,
                                                 .headers = {}, .repeatable = method == "GET"}));
  if (response.status / 100 != 2) return net::from_problem(response);
  return std::move(response.body);
}

Result<std::string> AdminClient::get(const std::string& target) { return call("GET", target, "", ""); }

Result<std::string> AdminClient::post(const std::string& target, const std::string& content_type, const std::string& body) {
  return call("POST", target, content_type, body);
}

}  // namespace tf::cli
