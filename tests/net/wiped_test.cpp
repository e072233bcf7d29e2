// Bodies may have secrets in them: what of them went through a connection of ours, on either side, is not in memory that is given back, be it the program's or OpenSSL's.
#include <malloc.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/secret.hpp"
#include "tests/net/fixture.hpp"

namespace {

std::atomic<bool> watching = false;
std::atomic<int> marked_blocks = 0;
constexpr char kMark = '\x07';
constexpr std::size_t kMarkLength = 64;  // in a row

void look_before_free(void* block) noexcept {
  if (!watching || block == nullptr) return;
  const char* begin = static_cast<const char*>(block);
  const char* end = begin + ::malloc_usable_size(block);
  if (std::search_n(begin, end, kMarkLength, kMark) != end) ++marked_blocks;
}

void* ssl_malloc(std::size_t size, const char*, int) { return std::malloc(size); }
void ssl_free(void* block, const char*, int) {
  look_before_free(block);
  std::free(block);
}
// Always to another place, so that the one before is looked at as any that is given back.
void* ssl_realloc(void* block, std::size_t size, const char*, int) {
  void* moved = std::malloc(size);
  if (moved == nullptr || block == nullptr) return moved;
  std::memcpy(moved, block, std::min(size, ::malloc_usable_size(block)));
  ssl_free(block, nullptr, 0);
  return moved;
}
// OpenSSL takes them only before its first allocation.
const bool ssl_is_watched = CRYPTO_set_mem_functions(ssl_malloc, ssl_realloc, ssl_free) == 1;

}  // namespace

void* operator new(std::size_t size) {
  if (void* out = std::malloc(std::max<std::size_t>(size, 1))) return out;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(std::max<std::size_t>(size, 1)); }
void operator delete(void* block) noexcept {
  look_before_free(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { operator delete(block); }

namespace tf::net::test {
namespace {

// In several records of TLS.
std::string marked_body() { return std::string(50'000, kMark); }

class Wiped : public ServerTest {
 protected:
  Wiped() { marked_blocks = 0; }
  ~Wiped() override { watching = false; }
  // The blocks with a mark that were given back until everything of this exchange was gone.
  int given_back() {
    EXPECT_TRUE(ssl_is_watched);
    {
      ClientOptions asked = client_options();
      asked.max_response_bytes = max_response;
      HttpClient one = client(asked);
      ClientRequest request{.method = "POST", .target = "/", .content_type = "text/plain", .body = marked_body()};
      watching = true;
      auto answer = one.request(request);
      reason = answer ? "" : answer.error().reason;
      if (answer) {
        status = answer->status;
        wipe(answer->body.data(), answer->body.size());
      }
      wipe(request.body.data(), request.body.size());
    }
    EXPECT_TRUE(eventually([this] { return connections() == 0; }));
    server.stop(1s);
    watching = false;
    return marked_blocks;
  }
  std::size_t max_response = 60'000;
  std::string reason;  // of the client, where there is no answer
  int status = 0;
};

TEST_F(Wiped, bodies_are_left_nowhere) {
  start([](const HttpRequest&) -> HttpResponse { return {200, "text/plain", marked_body(), {}}; });
  EXPECT_EQ(given_back(), 0);
  EXPECT_EQ(status, 200);
}

TEST_F(Wiped, bodies_where_the_answer_is_prompt_are_left_nowhere) {
  is_prompt = [](const HttpRequest&) { return true; };
  start([](const HttpRequest&) -> HttpResponse { return {200, "text/plain", marked_body(), {}}; });
  EXPECT_EQ(given_back(), 0);
  EXPECT_EQ(status, 200);
}

// What TLS has decrypted and nobody took.
TEST_F(Wiped, an_answer_that_is_given_up_halfway_is_left_nowhere) {
  start([](const HttpRequest&) -> HttpResponse { return {200, "text/plain", marked_body(), {}}; });
  max_response = 20'000;
  EXPECT_EQ(given_back(), 0);
  EXPECT_EQ(reason, "net.response_too_large");
}

TEST_F(Wiped, a_request_that_is_refused_halfway_is_left_nowhere) {
  options.max_body_bytes = 40'000;
  start();
  EXPECT_EQ(given_back(), 0);
  EXPECT_EQ(status, 413);
}

TEST_F(Wiped, what_is_not_wiped_would_be_seen) {
  start([](const HttpRequest&) -> HttpResponse {
    { const std::string forgotten = marked_body(); }
    return {200, "text/plain", marked_body(), {}};
  });
  EXPECT_GT(given_back(), 0);
}

}  // namespace
}  // namespace tf::net::test
