#include "net/client/client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/secret.hpp"
#include "net/body.hpp"
#include "net/client/response_parser.hpp"
#include "net/client/transport.hpp"
#include "net/psk.hpp"

namespace tf::net {
namespace {

using Clock = std::chrono::steady_clock;

bool printable(std::string_view text, bool spaces) {
  return std::ranges::all_of(text, [spaces](char c) { return (c > 0x20 && c < 0x7f) || (spaces && c == ' '); });
}

bool can_be_sent(const ClientRequest& request) {
  if (request.method.empty() || !printable(request.method, false)) return false;
  if (!request.target.starts_with('/') || !printable(request.target, false)) return false;
  return printable(request.content_type, true) && std::ranges::all_of(request.headers, [](const auto& header) {
           return !header.first.empty() && printable(header.first, false) && !header.first.contains(':') &&
                  printable(header.second, true);
         });
}

std::string authority(const BaseUrl& server) {
  const bool v6 = server.host.contains(':');
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", server.host, v6 ? "]" : "", server.port);
}

std::string serialise(const ClientRequest& request, const BaseUrl& server) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, authority(server));
  const bool has_body = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
  if (!request.content_type.empty()) out.append("Content-Type: ").append(request.content_type).append("\r\n");
  if (has_body) out.append(fmt::format("Content-Length: {}\r\n", request.body.size()));
  for (const auto& [name, value] : request.headers) out.append(name).append(": ").append(value).append("\r\n");
  out.append("\r\n").append(request.body);
  return out;  // the one copy
}

// What came of one attempt; whether anything was received decides if it may be tried again.
struct Attempt {
  Result<HttpResponse> result;
  bool nothing_received;
};

}  // namespace

struct HttpClient::State {
  State(ClientOptions from, SslContext context) : options(std::move(from)), transport(std::move(context)) {}

  Attempt attempt(const std::string& bytes, bool to_head);
  Result<HttpResponse> receive(Deadline deadline, bool to_head, bool& nothing_received);

  ClientOptions options;
  Transport transport;
};

Result<HttpResponse> HttpClient::State::receive(Deadline deadline, bool to_head, bool& nothing_received) {
  std::string input;
  const WipedAtEnd wiped(&input);
  while (true) {
    ResponseParser parser(options.max_response_bytes, to_head);
    while (!parser.complete()) {
      if (input.empty() || parser.started()) {
        bool clean = false;
        Status got = transport.read(input, deadline, clean);
        // The end of the connection is the end of such a response only if TLS vouches for it.
        if (!got && clean && parser.started() && parser.end()) break;
        if (!got) return std::move(got).error();
        nothing_received = false;
      }
      TF_CHECK(parser.feed(input));
    }
    const bool keep = parser.complete() && parser.keeps_alive();
    HttpResponse response = parser.take();
    if (response.status / 100 == 1) continue;  // an interim response; the deadline bounds how many
    if (!keep || !input.empty()) transport.close();
    return response;
  }
}

Attempt HttpClient::State::attempt(const std::string& bytes, bool to_head) {
  const Deadline deadline = Clock::now() + options.response_timeout;
  bool nothing_received = true;
  const Status written = transport.write(bytes, deadline);
  // A server that refuses early may have closed its side and still have answered: what it said is worth more.
  Result<HttpResponse> result = receive(deadline, to_head, nothing_received);
  if (!result && !written && written.error().code == Code::refused) result = written.error();
  return {std::move(result), nothing_received};
}

namespace {

// OpenSSL asks for the PSK while it writes its first message.
int give_psk(SSL* ssl, const EVP_MD* wanted, const unsigned char** identity, std::size_t* size, SSL_SESSION** out) {
  const auto& psk = *static_cast<const Psk*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  PskSession session = psk_session(ssl, psk.identity, psk.key);
  const EVP_MD* fits = session ? SSL_CIPHER_get_handshake_digest(SSL_SESSION_get0_cipher(session.get())) : nullptr;
  *out = nullptr;
  if (fits == nullptr || (wanted != nullptr && EVP_MD_get_type(wanted) != EVP_MD_get_type(fits))) return wanted != nullptr ? 1 : 0;
  *identity = reinterpret_cast<const unsigned char*>(psk.identity.data());
  *size = psk.identity.size();
  *out = session.release();
  return 1;
}

}  // namespace

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClient> HttpClient::beside(BaseUrl server) const {
  ClientOptions options = state_->options;
  options.server = std::move(server);
  const SslContext& context = state_->transport.context();
  if (!context) return create(std::move(options));
  return HttpClient(std::make_unique<State>(std::move(options), context));
}

Result<HttpClient> HttpClient::create(ClientOptions options) {
  if (!options.server.tls) return HttpClient(std::make_unique<State>(std::move(options), SslContext()));
  SslContext context = TF_TRY(new_context(Side::client, options.allow_tls12));
  TF_CHECK(trust(context.get(), options.anchors));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!options.chain.empty() || options.key) TF_CHECK(use_identity(context.get(), options.chain, options.key));
  auto state = std::make_unique<State>(std::move(options), context);
  if (state->options.psk) {
    SSL_CTX_set_app_data(context.get(), const_cast<Psk*>(state->options.psk.get()));  // the state holds both
    SSL_CTX_set_psk_use_session_callback(context.get(), give_psk);
  }
  return HttpClient(std::move(state));
}

void HttpClient::close() { state_->transport.close(); }

Result<HttpResponse> HttpClient::request(const ClientRequest& request) {
  if (!can_be_sent(request)) return Error{Code::invalid, "net.request", {}};
  Transport& transport = state_->transport;
  std::string bytes = serialise(request, state_->options.server);
  const WipedAtEnd wiped(&bytes);  // servers tell each other secrets
  if (transport.is_open() && transport.is_stale()) transport.close();  // nothing was sent: safe for every request
  const bool kept = transport.is_open();
  if (!kept) TF_CHECK(transport.open(state_->options));
  Attempt attempt = state_->attempt(bytes, request.method == "HEAD");
  const bool lost = !attempt.result && std::string_view(attempt.result.error().reason) == "net.closed";
  if (lost && kept && attempt.nothing_received && request.repeatable) {
    TF_CHECK(transport.open(state_->options));
    attempt = state_->attempt(bytes, request.method == "HEAD");
  }
  if (!attempt.result) transport.close();
  return std::move(attempt.result);
}

}  // namespace tf::net
