/* Numbers of fields and constants of ONNX's messages (https://github.com/onnx/onnx,
 * onnx/onnx.proto) as far as they are written here. Private to framework/export/. */
#ifndef UNDERSTUDY_EXPORT_ONNX_FIELDS_H
#define UNDERSTUDY_EXPORT_ONNX_FIELDS_H

enum { /* ModelProto */
       MODEL_IR_VERSION = 1,
       MODEL_PRODUCER_NAME = 2,
       MODEL_GRAPH = 7,
       MODEL_OPSET_IMPORT = 8,
       MODEL_METADATA_PROPS = 14,
};
enum { OPSET_VERSION = 2 };              /* OperatorSetIdProto */
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 }; /* StringStringEntryProto */
enum {                                   /* GraphProto */
       GRAPH_NODE = 1,
       GRAPH_NAME = 2,
       GRAPH_INITIALIZER = 5,
       GRAPH_INPUT = 11,
       GRAPH_OUTPUT = 12,
};
enum { /* NodeProto */
       NODE_INPUT = 1,
       NODE_OUTPUT = 2,
       NODE_NAME = 3,
       NODE_OP_TYPE = 4,
       NODE_ATTRIBUTE = 5,
};
enum { /* AttributeProto */
       ATTRIBUTE_NAME = 1,
       ATTRIBUTE_F = 2,
       ATTRIBUTE_I = 3,
       ATTRIBUTE_S = 4,
       ATTRIBUTE_INTS = 8,
       ATTRIBUTE_TYPE = 20,
};
enum { ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_STRING = 3, ATTRIBUTE_INTEGERS = 7 };
enum { /* TensorProto */
       TENSOR_DIMS = 1,
       TENSOR_DATA_TYPE = 2,
       TENSOR_INT64_DATA = 7,
       TENSOR_NAME = 8,
       TENSOR_RAW_DATA = 9,
};
enum { DATA_TYPE_FLOAT = 1, DATA_TYPE_INT8 = 3, DATA_TYPE_INT32 = 6, DATA_TYPE_INT64 = 7 };
enum { INFO_NAME = 1, INFO_TYPE = 2, INFO_DOC_STRING = 3 }; /* ValueInfoProto */
enum { TYPE_TENSOR = 1, TYPE_ELEMENT = 1, TYPE_SHAPE = 2 }; /* TypeProto, TypeProto.Tensor */
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_PARAM = 2 };       /* TensorShapeProto */

#endif
