// Tensors from Python, borrowed through DLPack's exchange of C functions: no copy, and no call into Python.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace yeoul {

namespace nb = nanobind;

// The part of DLPack 1.2's `DLPackExchangeAPI` that is read here: its header, and the function that lends a tensor.
struct Exchange {
    uint32_t major, minor;
    const Exchange* older;
    void *allocate, *take, *give;
    int (*borrow)(void* object, nb::dlpack::dltensor* out);
};

// What `type` offers, or null. A process has few tensor types, and they live as long as it does.
inline const Exchange* exchange_of(PyTypeObject* type) noexcept {
    static PyTypeObject* last_type = nullptr;
    static const Exchange* last = nullptr;
    if (type == last_type) return last;
    PyObject* capsule = PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), "__dlpack_c_exchange_api__");
    void* found = capsule ? PyCapsule_GetPointer(capsule, "dlpack_exchange_api") : nullptr;
    Py_XDECREF(capsule);
    if (!found) PyErr_Clear();
    const Exchange* offered = static_cast<const Exchange*>(found);
    while (offered && offered->major > 1) offered = offered->older;
    if (!offered || offered->major != 1 || !offered->borrow) return nullptr;
    Py_INCREF(type);
    last_type = type;
    return last = offered;
}

// A tensor on the CPU whose elements lie one after another; it lives as long as this does.
template <typename T>
class Array {
  public:
    static constexpr int AXES = 3;  // at most

    // Say whether `object` is such a tensor of T.
    bool borrow(nb::handle object) noexcept {
        const Exchange* exchange = exchange_of(Py_TYPE(object.ptr()));
        if (!exchange) return false;
        nb::dlpack::dltensor tensor;
        if (exchange->borrow(object.ptr(), &tensor) != 0) {
            PyErr_Clear();
            return false;
        }
        const bool fits = tensor.device.device_type == nb::device::cpu::value &&
                          tensor.dtype == nb::dtype<std::remove_const_t<T>>() && tensor.ndim <= AXES;
        if (!fits) return false;
        axes_ = size_t(tensor.ndim);
        bool empty = false, whole = true;
        int64_t stride = 1;
        for (size_t axis = axes_; axis-- > 0;) {
            shape_[axis] = tensor.shape[axis];
            empty = empty || shape_[axis] == 0;
            whole = whole && (shape_[axis] == 1 || !tensor.strides || tensor.strides[axis] == stride);
            stride *= shape_[axis];
        }
        data_ = reinterpret_cast<T*>(static_cast<char*>(tensor.data) + tensor.byte_offset);
        owner_ = nb::borrow(object);
        return empty || whole;
    }

    size_t ndim() const { return axes_; }
    size_t shape(size_t axis) const { return size_t(shape_[axis]); }
    T* data() const { return data_; }

  private:
    nb::object owner_;
    T* data_ = nullptr;
    size_t axes_ = 0;
    int64_t shape_[AXES] = {};
};

}  // namespace yeoul

namespace nanobind::detail {

template <typename T>
struct type_caster<yeoul::Array<T>> {
    NB_TYPE_CASTER(yeoul::Array<T>, const_name("torch.Tensor"))
    bool from_python(handle source, uint32_t, cleanup_list*) noexcept { return value.borrow(source); }
};

}  // namespace nanobind::detail
