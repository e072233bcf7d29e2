#include "terminal/http_transport.hpp"

namespace tf::terminal {

Result<HttpTransport> HttpTransport::create(const PlatformAddress& address, const pki::Certificate& root) {
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(address.url));
  options.anchors.push_back(TF_TRY(net::certificate_from_der(root.der())));
  options.allow_tls12 = address.allow_tls12;
  options.response_timeout = std::chrono::milliseconds(address.timeout_ms);
  options.max_response_bytes = 64 * 1024;
  return HttpTransport(TF_TRY(net::HttpClient::create(std::move(options))));
}

Result<Reply> HttpTransport::post(std::string_view route, const std::string& body) {
  // Repeating a message is harmless: the platform answers the same bytes with the same reply.
  const net::HttpResponse response = TF_TRY(client_.request({.method = "POST", .target = "/rki/v1/" + std::string(route),
                                                             .content_type = "application/json", .body = body,
                                                             .headers = {}, .repeatable = true}));
  Reply reply{response.status, response.body, std::nullopt};
  if (const auto seconds = net::retry_after_s(response)) reply.retry_after_ms = std::int64_t{*seconds} * 1000;
  return reply;
}

}  // namespace tf::terminal
