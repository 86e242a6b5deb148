// A thread that may fail to start: std::thread throws, and this code is compiled without
// exceptions.

#ifndef MLITE_GRAPH_THREAD_H_
#define MLITE_GRAPH_THREAD_H_

#if defined(_WIN32)
#include <process.h>
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace mlite {

class Thread {
 public:
  using Work = void (*)(void* context);

  Thread() = default;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() { join(); }

  // False when the system has no thread to give; `context` outlives the thread.
  bool start(Work work, void* context) {
    work_ = work;
    context_ = context;
#if defined(_WIN32)
    handle_ = reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, run, this, 0, nullptr));
    is_running_ = handle_ != nullptr;
#else
    is_running_ = pthread_create(&handle_, nullptr, run, this) == 0;
#endif
    return is_running_;
  }

  void join() {
    if (!is_running_) return;
    is_running_ = false;
#if defined(_WIN32)
    WaitForSingleObject(handle_, INFINITE);
    CloseHandle(handle_);
#else
    pthread_join(handle_, nullptr);
#endif
  }

 private:
#if defined(_WIN32)
  static unsigned __stdcall run(void* self) {
    static_cast<Thread*>(self)->work_(static_cast<Thread*>(self)->context_);
    return 0;
  }
  HANDLE handle_ = nullptr;
#else
  static void* run(void* self) {
    static_cast<Thread*>(self)->work_(static_cast<Thread*>(self)->context_);
    return nullptr;
  }
  pthread_t handle_ = {};
#endif
  Work work_ = nullptr;
  void* context_ = nullptr;
  bool is_running_ = false;
};

}  // namespace mlite

#endif  // MLITE_GRAPH_THREAD_H_
