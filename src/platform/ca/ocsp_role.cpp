#include "platform/ca/ocsp_role.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "net/client/client.hpp"
#include "net/problem.hpp"

namespace tf::platform {
namespace {

constexpr std::size_t kMostList = 8U << 20;

struct Place {
  std::string base;  // "http://ca.example.org"
  std::string target;
};

Result<Place> split_url(const std::string& url) {
  const std::size_t host = url.find("://");
  const std::size_t slash = host == std::string::npos ? std::string::npos : url.find('/', host + 3);
  if (slash == std::string::npos) return Error{Code::invalid, "ocsp.url", "not a URL with a path: " + url};
  return Place{url.substr(0, slash), url.substr(slash)};
}

bool is_url(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

// "{shard}" becomes the number; a complete list has none.
std::string with_shard(std::string text, std::uint32_t shard) {
  constexpr std::string_view kWord = "{shard}";
  if (const std::size_t at = text.find(kWord); at != std::string::npos) text.replace(at, kWord.size(), std::to_string(shard));
  return text;
}

wire::HttpResponse plain(int status, std::string text) { return {.status = status, .content_type = "text/plain", .body = std::move(text), .headers = {}}; }

ca::ResponderSettings responder_settings(const OcspSettings& settings) {
  ca::ResponderSettings out;
  out.validity_ms = settings.validity_minutes * 60'000;
  out.renew_ms = out.validity_ms / 2;
  return out;
}

}  // namespace

OcspRole::OcspRole(std::string directory, const Clock& clock, OcspSettings settings)
    : directory_(std::move(directory)), clock_(clock), settings_(std::move(settings)),
      source_(clock, [this](const std::string& authority, const std::string& serial_hex) { responder_.forget(authority, serial_hex); }),
      responder_(source_, clock, responder_settings(settings_)),
      lists_taken_(metrics_.counter("trustferry_ocsp_lists_taken_total", "revocation lists that replaced older ones", {})),
      fetches_failed_(metrics_.counter("trustferry_ocsp_fetches_failed_total", "revocation lists that could not be fetched or taken", {})) {}

OcspRole::~OcspRole() { stop(); }

Result<std::unique_ptr<OcspRole>> OcspRole::open(const std::string& directory, const Clock& clock) {
  OcspSettings settings = TF_TRY(read_ocsp_settings(directory));
  std::unique_ptr<OcspRole> out(new OcspRole(directory, clock, std::move(settings)));
  out->authorities_ = TF_TRY(read_ocsp_authorities(directory));
  for (const OcspAuthority& authority : out->authorities_) TF_CHECK(out->source_.add(authority.listed));
  TF_CHECK(out->take_delegates());
  TF_CHECK(out->take_lists());
  return out;
}

// What is being installed just now may not fit together yet: the delegate in use stays.
Status OcspRole::take_delegates() {
  std::vector<std::string> serving;
  for (const OcspAuthority& authority : authorities_) {
    const std::string& name = authority.listed.name;
    auto delegate = read_ocsp_delegate(directory_, authority, clock_.now_ms());
    if (delegate) delegates_.insert_or_assign(name, std::move(*delegate));
    else log::error("ocsp: the delegate for " + name + " cannot be taken: " + describe(delegate.error()));
    const auto found = delegates_.find(name);
    if (found == delegates_.end()) continue;
    const pki::Certificate& certificate = found->second.delegate.certificate;
    if (clock_.now_ms() >= certificate.not_after_ms()) delegates_.erase(found);
    else serving.push_back(name + "/" + certificate.serial_hex());
  }
  if (serving == serving_) return {};
  std::vector<ca::Served> served;
  for (const auto& [name, delegate] : delegates_) served.push_back(delegate);
  TF_CHECK(responder_.serve(std::move(served)));
  serving_ = std::move(serving);
  return {};
}

// Those of the last run; what is out of date by now is fetched anew.
Status OcspRole::take_lists() {
  for (const OcspAuthority& authority : authorities_) {
    for (std::uint32_t shard = 0; shard < std::max(authority.listed.shards, 1U); ++shard) {
      const auto kept = read_file(ocsp_list_file(directory_, authority.listed.name, shard), kMostList);
      if (kept) (void)source_.update(authority.listed.name, shard, *kept).has_value();
    }
  }
  return {};
}

Result<Bytes> OcspRole::fetched(const OcspAuthority& authority, const std::string& place) {
  if (!is_url(place)) return read_file(place, kMostList);
  const Place split = TF_TRY(split_url(place));
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_any_base_url(split.base));
  options.max_response_bytes = kMostList;
  if (options.server.tls) options.anchors = TF_TRY(net::certificates_from_pem(as_text(TF_TRY(read_file(authority.trust_file, 1U << 20)))));
  auto client = TF_TRY(net::HttpClient::create(std::move(options)));
  net::ClientRequest request;
  request.target = split.target;
  const wire::HttpResponse response = TF_TRY(client.request(request));
  if (response.status != 200) return Error{Code::unavailable, "ocsp.fetch", fmt::format("{} gives status {}", place, response.status)};
  return to_bytes(as_bytes(response.body));
}

Status OcspRole::fetch(const OcspAuthority& authority, std::uint32_t shard) {
  const Bytes der = TF_TRY(fetched(authority, with_shard(authority.fetch, shard)));
  if (!TF_TRY(source_.update(authority.listed.name, shard, der))) return {};
  lists_taken_.add();
  return write_file_atomic(ocsp_list_file(directory_, authority.listed.name, shard), der, 0644);
}

int OcspRole::refresh() {
  const std::lock_guard lock(refreshing_);
  int failed = 0;
  const auto note = [&](const std::string& what, const Status& status) {
    if (status) return;
    ++failed;
    fetches_failed_.add();
    log::error("ocsp: " + what + ": " + describe(status.error()));
  };
  note("delegates", take_delegates());
  for (const OcspAuthority& authority : authorities_)
    for (std::uint32_t shard = 0; shard < std::max(authority.listed.shards, 1U); ++shard)
      note(fmt::format("list {}/{}", authority.listed.name, shard), fetch(authority, shard));
  return failed;
}

wire::HttpResponse OcspRole::handle(const wire::HttpRequest& request) {
  if (request.method == "GET" && request.path == "/healthz") return plain(200, "ok\n");
  if (request.method == "GET" && request.path == "/readyz") {
    const auto missing = source_.missing();
    return missing.empty() ? plain(200, "ready\n") : plain(503, fmt::format("{} lists are missing or out of date, {} among them\n", missing.size(), missing.front()));
  }
  return responder_.handle(request, "/ocsp");
}

Status OcspRole::start() {
  refresh();
  net::ServerOptions options;
  options.name = "ocsp";
  options.address = settings_.listen.address;
  options.port = settings_.listen.port;
  options.io_threads = static_cast<int>(settings_.io_threads);
  options.max_connections = static_cast<std::size_t>(settings_.connections);
  options.raw_below = "/ocsp/";
  options.kept_headers = {"if-none-match"};
  TF_CHECK(server_.start_plain(std::move(options),
                               {.handler = [this](const wire::HttpRequest& request) { return handle(request); },
                                .pool = std::make_shared<net::WorkerPool>(1),
                                .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) {
                                  answer(handle(request));
                                  return true;
                                }},
                               metrics_));
  TF_CHECK(watched_.start(settings_.metrics, [this] { return metrics_.render(); }, metrics_));
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  return {};
}

void OcspRole::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, std::chrono::seconds(settings_.refresh_seconds), [&] { return stop.stop_requested(); })) {
    lock.unlock();
    refresh();
    lock.lock();
  }
}

void OcspRole::stop() {
  thread_ = {};
  server_.stop(std::chrono::seconds(2));
  watched_.stop();
}

}  // namespace tf::platform
