// OCSP over HTTP, as values.
#include "tests/ca_responder/fixture.hpp"
#include "wire/encoding.hpp"

namespace tf::ca::test {
namespace {

using pki::ocsp::ErrorStatus;

struct HttpTest : ResponderTest {
  wire::HttpResponse handle(const char* method, const std::string& path, std::string type, std::string body,
                            std::vector<std::pair<std::string, std::string>> headers = {}) {
    wire::HttpRequest request;
    request.method = method;
    request.path = path;
    request.content_type = std::move(type);
    request.body = std::move(body);
    request.headers = std::move(headers);
    return responder.handle(request, "/ocsp");
  }
  wire::HttpResponse get(const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return handle("GET", path, "", "", std::move(headers));
  }
  wire::HttpResponse post(std::string body, std::string type = "application/ocsp-request", std::string path = "/ocsp") {
    return handle("POST", path, std::move(type), std::move(body));
  }
  static std::map<std::string, std::string> headers_of(const wire::HttpResponse& response) { return {response.headers.begin(), response.headers.end()}; }
};

TEST_F(HttpTest, a_get_brings_what_proxies_need_to_keep_it) {
  const wire::HttpResponse response = get("/ocsp/" + pki::ocsp::encode_path(request()));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/ocsp-response");
  EXPECT_OK(judged(to_bytes(as_bytes(response.body))));
  auto headers = headers_of(response);
  EXPECT_EQ(headers["Last-Modified"], "Sun, 01 Nov 2026 00:00:00 GMT");
  EXPECT_EQ(headers["Expires"], "Sun, 01 Nov 2026 04:00:00 GMT");
  EXPECT_EQ(headers["Cache-Control"], "max-age=14400,public,no-transform,must-revalidate");
  EXPECT_EQ(headers["ETag"].size(), 66U);
  clock.set(kNow + 60'000);
  EXPECT_EQ(headers_of(get("/ocsp/" + pki::ocsp::encode_path(request())))["Cache-Control"],
            "max-age=14340,public,no-transform,must-revalidate");
}

TEST_F(HttpTest, who_has_the_answer_already_is_told_so) {
  const std::string path = "/ocsp/" + pki::ocsp::encode_path(request());
  const std::string tag = headers_of(get(path))["ETag"];
  const wire::HttpResponse same = get(path, {{"if-none-match", tag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(get(path, {{"if-none-match", "\"another\""}}).status, 200);
}

TEST_F(HttpTest, base64_is_taken_encoded_or_as_it_is_and_after_more_than_one_slash) {
  const Bytes der = request(Bytes(32, 0xff));  // with slashes in its base64
  const std::string plain = wire::base64(der);
  ASSERT_NE(plain.find('/'), std::string::npos);
  for (const std::string& path : {"/ocsp/" + plain, "/ocsp//" + plain, "/ocsp/" + pki::ocsp::encode_path(der)}) {
    const wire::HttpResponse response = get(path);
    EXPECT_OK(judged(to_bytes(as_bytes(response.body)), Bytes(32, 0xff)));
    EXPECT_TRUE(response.headers.empty()) << "an answer to one request alone is not for keeping";
  }
}

TEST_F(HttpTest, a_post_brings_der_there_and_back) {
  for (const char* path : {"/ocsp", "/ocsp/"}) {
    const wire::HttpResponse response = post(std::string(as_text(request(Bytes(16, 3)))), "application/ocsp-request", path);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/ocsp-response");
    EXPECT_OK(judged(to_bytes(as_bytes(response.body)), Bytes(16, 3)));
  }
}

TEST_F(HttpTest, ocsp_tells_errors_in_its_own_way_and_nobody_keeps_them) {
  const std::string malformed(as_text(pki::ocsp::error_response(ErrorStatus::malformed_request)));
  for (const wire::HttpResponse& response : {get("/ocsp/%%%"), get("/ocsp/AAAA"), get("/ocsp/M"), get("/ocsp/MAo?x"), post(""), post("x")}) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/ocsp-response");
    EXPECT_EQ(response.body, malformed);
    EXPECT_TRUE(response.headers.empty());
  }
}

TEST_F(HttpTest, other_types_methods_and_paths_are_refused) {
  EXPECT_EQ(post("x", "text/plain").status, 415);
  EXPECT_EQ(post("x", "application/ocsp-request", "/ocsp/more").status, 404);
  EXPECT_EQ(post("x", "application/ocsp-request", "/other").status, 404);
  EXPECT_EQ(get("/ocsp").status, 404);
  EXPECT_EQ(get("/ocsp/").status, 404);
  EXPECT_EQ(get("/ocspx").status, 404);
  const wire::HttpResponse put = handle("PUT", "/ocsp", "", "x");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(headers_of(put)["Allow"], "GET, POST");
}

}  // namespace
}  // namespace tf::ca::test
